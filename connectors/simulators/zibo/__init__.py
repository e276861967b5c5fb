"""淄博 交互式在线教学系统: POST JSON paging, a session login that expires, local times, three visibility tiers."""
