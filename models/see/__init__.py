"""What a photo shows: EfficientNet-Lite0 on the thousand classes of ImageNet."""
