"""国家中小学智慧教育平台: static version, part and tag files in their recorded shape."""
