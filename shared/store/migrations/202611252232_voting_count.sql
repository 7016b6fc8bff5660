-- Compiling the statement takes longer than a stretch of hours does to count.
alter function voting.count_hours(timestamptz, timestamptz) set jit = off;
