"""From facts and a spec to a verdict: three values, findings in words, expectations, waivers, the decision."""
