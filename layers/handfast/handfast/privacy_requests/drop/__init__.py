"""California's Delete Request and Opt-out Platform (DROP): its lists matched, carried out as requests, and answered."""
