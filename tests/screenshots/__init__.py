"""Pictures of every page, taken of a demo that has seen some business."""
