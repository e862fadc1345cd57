"""What is done with specs: choosing in a family, examples, telling, comparing, drafting; measures nothing."""
