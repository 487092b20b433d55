lotcast_fuzz(fuzz_state SOURCE fuzz_state.c CORPUS corpus/state DEPENDS auction_core)
lotcast_fuzz(fuzz_bids_csv SOURCE fuzz_bids_csv.c CORPUS corpus/bids_csv DEPENDS ctl_offline)
