"""What is known of things, creators and lists: from items to rows, changes and tombstones."""
