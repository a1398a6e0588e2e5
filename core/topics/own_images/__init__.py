"""Own pictures: a network that knows ImageNet makes features of them, and a small head learns one's own classes."""
