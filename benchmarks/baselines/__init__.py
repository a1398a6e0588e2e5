"""What the playground is measured against, written as its authors recommend."""
