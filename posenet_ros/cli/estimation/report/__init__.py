"""The page of `posenet estimate --report`."""
