"""Clean documents of the XML formats and of EBU STL, small enough to read; tests break them in one place."""

from __future__ import annotations

from fixtures.timed_text import stl_block as block
from fixtures.timed_text import stl_file as stl

__all__ = ["DCST", "IMSC", "INTEROP", "block", "stl"]

IMSC = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
    xmlns:itts="http://www.w3.org/ns/ttml/profile/imsc1#styling"
    ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/text" ttp:timeBase="media" ttp:frameRate="24"
    ttp:frameRateMultiplier="1000 1001" ttp:tickRate="240" ttp:cellResolution="32 15" tts:extent="1920px 1080px"
    xml:lang="en">
  <head>
    <metadata><ttm:title>The film</ttm:title></metadata>
    <styling>
      <style xml:id="base" tts:color="white" tts:fontFamily="Arial, proportionalSansSerif" tts:fontSize="100%"/>
      <style xml:id="said" style="base" tts:fontStyle="italic"/>
    </styling>
    <layout>
      <region xml:id="low" tts:origin="10% 80%" tts:extent="80% 10%" tts:displayAlign="after" tts:textAlign="center"/>
      <region xml:id="high" tts:origin="192px 108px" tts:extent="1536px 108px" tts:displayAlign="before"/>
    </layout>
  </head>
  <body>
    <div>
      <p xml:id="one" region="low" begin="00:00:01:00" end="00:00:02:12" style="base">First<br/>
        line <span style="said">two</span></p>
      <p xml:id="two" region="high" style="said" begin="3.5s" dur="480t">Second</p>
      <p xml:id="three" region="low" begin="00:00:10.250" end="12.75s"><span tts:color="#FF0000FF">Third</span></p>
    </div>
  </body>
</tt>
"""

DCST = """<?xml version="1.0" encoding="UTF-8"?>
<SubtitleReel xmlns="http://www.smpte-ra.org/schemas/428-7/2014/DCST">
  <Id>urn:uuid:6382e2f3-8d75-441a-8324-4d0713549056</Id>
  <ContentTitleText>The film</ContentTitleText>
  <IssueDate>2026-01-28T20:47:47+00:00</IssueDate>
  <ReelNumber>2</ReelNumber>
  <Language>de-AT</Language>
  <EditRate>24 1</EditRate>
  <TimeCodeRate>24</TimeCodeRate>
  <StartTime>00:00:00:00</StartTime>
  <DisplayType>MainSubtitle</DisplayType>
  <LoadFont ID="sans">urn:uuid:d621dedd-089d-4d1f-8c24-fb976e1439df</LoadFont>
  <SubtitleList>
    <Font ID="sans" Color="FFFFFF00" Size="42" Weight="normal">
      <Subtitle SpotNumber="1" TimeIn="00:00:04:12" TimeOut="00:00:06:00" FadeUpTime="00:00:00:02">
        <Text Valign="bottom" Vposition="18">First <Font Italic="yes">and</Font></Text>
        <Text Valign="bottom" Vposition="10">second line</Text>
      </Subtitle>
      <Subtitle SpotNumber="2" TimeIn="00:00:07:00" TimeOut="00:00:09:00">
        <Image Valign="top" Vposition="5">urn:uuid:3433206d-0a1b-49c2-b289-e1de61bf1862</Image>
      </Subtitle>
    </Font>
  </SubtitleList>
</SubtitleReel>
"""

INTEROP = """<?xml version="1.0" encoding="UTF-8"?>
<DCSubtitle Version="1.0">
  <SubtitleID>cab5c268-222b-41d2-88ae-6d6999441b17</SubtitleID>
  <MovieTitle>The film</MovieTitle>
  <ReelNumber>1</ReelNumber>
  <Language>French</Language>
  <LoadFont Id="sans" URI="arial.ttf"/>
  <Font Id="sans" Color="FFFFFFFF" Size="39" Italic="no" Weight="normal" Effect="border">
    <Subtitle SpotNumber="1" TimeIn="00:00:05:198" TimeOut="00:00:07:115" FadeUpTime="1" FadeDownTime="1">
      <Text VAlign="bottom" VPosition="15.0">My jacket was <Space Size="6em"/>red</Text>
    </Subtitle>
    <Subtitle SpotNumber="2" TimeIn="00:00:08.500" TimeOut="00:00:09:125">
      <Text VAlign="top" VPosition="10">Top</Text>
    </Subtitle>
  </Font>
</DCSubtitle>
"""
