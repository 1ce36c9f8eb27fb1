-- Days on which no process ran: their figures are worked out later, and say so.
--
-- depends: 0181-figures-reported

ALTER TABLE figures_reported ADD COLUMN is_late boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN figures_reported.is_late IS
    'Worked out on a later day, of what had been recorded by the end of the day before reported_on.';
