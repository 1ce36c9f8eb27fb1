-- Holds for the payments of before, too: refunds never exceeded what was captured, and there were no disputes.
--
-- depends: 0010-fees-and-disputes

ALTER TABLE payment VALIDATE CONSTRAINT given_back_once;
