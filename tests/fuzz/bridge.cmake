lotcast_fuzz(fuzz_lots_csv SOURCE fuzz_lots_csv.c CORPUS corpus/lots_csv DEPENDS bridge_app json)
