lotcast_fuzz(fuzz_list_csv SOURCE fuzz_list_csv.c CORPUS corpus/list_csv DEPENDS bridge_app json)
