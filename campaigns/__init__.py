"""Long runs, one command each, resumable by their seed; their record is docs/campaigns.md."""
