"""Label-efficiency study: the accuracy of each strategy for several numbers of labels."""
