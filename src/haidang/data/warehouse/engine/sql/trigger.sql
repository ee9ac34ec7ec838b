-- Land the batches of each snapshot in the transaction that commits it.
CREATE OR REPLACE TRIGGER warehouse_land
AFTER INSERT ON lake.ducklake_snapshot_changes
FOR EACH ROW WHEN (NEW.author = 'haidang.door')
EXECUTE FUNCTION public.warehouse_snapshot_committed();

-- Note what was removed in the transaction that removes it.
CREATE OR REPLACE TRIGGER warehouse_erase
AFTER INSERT ON lake.ducklake_snapshot_changes
FOR EACH ROW WHEN (NEW.author = 'haidang.erasing')
EXECUTE FUNCTION public.warehouse_rows_erased();
