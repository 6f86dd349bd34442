"""`posenet estimate --output`: the results of each video in a folder of its own."""
