"""Many masters: finding them in folders, and checking each where its failure costs no other."""
