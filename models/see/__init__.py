"""See: what a photo shows, among the thousand classes of ImageNet."""
