"""Facts of immersive audio: what IAB states frame by frame and in MXF, and the beds and objects of ADM; knows nothing
of how they are read."""

from __future__ import annotations

from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Fact, Kind, Layer

_W, _B = Layer.WRAPPER, Layer.BITSTREAM
_NO_IAB = "the file holds no immersive audio bitstream"
_MXF = ("structure", "mxf")


def _fact(name: str, kind: Kind, layer: Layer, meaning: str, **options: Any) -> Fact:  # noqa: ANN401
    return Fact(
        name=f"sound.{name}",
        kind=kind,
        layer=layer,
        meaning=meaning,
        given_by=options.get("by", ("structure",)),
        unit=options.get("unit"),
        resolution=options.get("step"),
        null_means=options.get("null"),
        vocabulary=options.get("values"),
    )


def _iab(name: str, kind: Kind, meaning: str, **options: Any) -> Fact:  # noqa: ANN401
    return _fact(f"iab.{name}", kind, _B, meaning, by=("decode",), null=_NO_IAB, **options)


# fmt: off
IMMERSIVE = (
    _fact("tracks[].immersive_audio_level", Kind.INTEGER, _W,
          "SMPTE ST 2067-201 level: the one that the MXF file says it conforms to (ConformsToSpecifications)",
          by=_MXF, null="not an immersive audio bitstream in MXF, or no level is stated"),
    _fact("tracks[].immersive_audio_faults", Kind.STRINGS, _W,
          "departures from SMPTE ST 2067-201: in the descriptor of an immersive audio bitstream, sections 5.4 to 5.10. "
          "They are edit_rate, wrapping, coding, codec, quantization_bits, electrospatial_formulation, channel_labels, "
          "soundfield_label", by=_MXF, null="not an immersive audio bitstream in MXF"),
    _iab("frame_count", Kind.INTEGER,
         "frames of the immersive audio bitstream (SMPTE ST 2098-2). Missing where a frame is damaged or encrypted",
         unit="frames"),
    _iab("element_count", Kind.INTEGER,
         "bed channels and objects in use at once: of the frame that has most; those within others are alternatives "
         "and do not count"),
    _iab("bed_channel_count", Kind.INTEGER, "bed channels in use at once: of the frame that has most",
         unit="channels"),
    _iab("object_count", Kind.INTEGER, "objects in use at once: of the frame that has most"),
    _iab("max_rendered_count", Kind.INTEGER,
         "bed channels and objects that are rendered at once, by the frame that states most (MaxRendered)"),
    _iab("sample_rates_hz", Kind.INTEGERS, "sample rates of the immersive audio frames: each once", unit="Hz"),
    _iab("bit_depths_bits", Kind.INTEGERS, "bits per sample of the immersive audio frames: each once", unit="bit"),
    _iab("frame_rates", Kind.STRINGS, "frame rates of the immersive audio frames: each once, exact"),
    _fact("objects", Kind.LIST, _W,
          "beds and objects by the ADM metadata of a WAV (axml and chna, ITU-R BS.2088 and BS.2076), in the order of "
          "the document, and channels that no object names. Missing where the metadata is cut or damaged, and of coded "
          "audio that may hold objects", null="no ADM metadata"),
    _fact("objects[].id", Kind.STRING, _W, "audioObjectID", null="no audioObject names the channel"),
    _fact("objects[].name", Kind.STRING, _W, "audioObjectName", null="no audioObject names the channel, or no name"),
    _fact("objects[].type", Kind.STRING, _W, "type of its pack format: direct_speakers is a bed",
          values=words.ADM_TYPE, null="several types, or none that is known"),
    _fact("objects[].channels", Kind.STRINGS, _W, "its channels as track.channel, both from 0"),
    _fact("objects[].unresolved_channel_count", Kind.INTEGER, _W, "track UIDs of it that chna does not have"),
    _fact("objects[].max_true_peak_dbtp", Kind.NUMBER, Layer.BASEBAND,
          "largest true peak: of its channels (ITU-R BS.1770-5 Annex 2), before any gain of the renderer. Missing "
          "where a channel of it is not in the file", unit="dBTP", step=0.01, by=("decode",), null="digital silence"),
)
# fmt: on
