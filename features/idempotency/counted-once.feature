Feature: Nothing counts twice
  Networks fail after the work was done, and producers send again. Whatever is sent again is answered with the first
  result, and no value, decision or outcome is any different for it.

  Background:
    Given the fraud rules are in force, with champion version 1

  Rule: An id stands for one thing only

    @control-DQ-01
    Scenario: A decision's id cannot be used for another payment
      Given the payment "p-1" of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      When the payment "p-1" of 46.00 with card 4929 is scored at 2025-03-01T10:00:00Z
      Then it is refused with "prediction-id-reused"
      And the record of "p-1" holds exactly:
        | event          |
        | PredictionMade |

    @control-DQ-01
    Scenario: An outcome's id cannot be used for another outcome
      Given the payment "p-1" of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      And "p-1" was reported as fraud under the id "c-1" at 2025-03-09T08:00:00Z
      When "p-1" is reported as honest under the id "c-1" at 2025-03-09T08:00:00Z
      Then it is refused with "outcome-id-reused"

  Rule: A retried append counts once

    @control-DQ-02
    Scenario Outline: An event that is sent <times> times is one event
      When card 4929 pays 10.10 at 2025-03-01T09:00:00Z and the event is sent <times> times
      Then every answer names the same position
      And at 2025-03-01T10:00:00Z card 4929 made 1 payment and spent 10.1
      And the stream of card 4929 holds exactly:
        | event             |
        | PaymentAuthorised |

      Examples:
        | times |
        | 2     |
        | 5     |

  Rule: A duplicate never changes a value

    @control-DQ-03
    Scenario: A repeat among newer events changes nothing
      Given card 4929 paid, as the log learnt at once:
        | id | occurred at          | amount | risk |
        | a  | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | b  | 2025-03-01T09:10:00Z | 20.00  | 0.2  |
      When the producer sends one by one:
        | id | occurred at          | amount | risk |
        | b  | 2025-03-01T09:10:00Z | 20.00  | 0.2  |
        | a  | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | c  | 2025-03-01T09:20:00Z | 5.00   | 0.3  |
        | a  | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
      Then at 2025-03-01T10:00:00Z card 4929 made 3 payments and spent 35

  Rule: A retried request is answered with the first decision

    @control-DQ-04
    Scenario: A retry after new payments still gets the first decision
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
      And the payment "p-1" of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      And card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:30:00Z | 900.00 | 0.9  |
      When the payment "p-1" of 45.00 with card 4929 is scored at 2025-03-01T10:00:00Z
      Then the answer is the first decision, bit for bit, and says that it is a repeat
      And the record of "p-1" holds exactly:
        | event          |
        | PredictionMade |

  Rule: A retried outcome counts once

    @control-DQ-05
    Scenario: An outcome that is reported twice is one outcome
      Given the payment "p-1" of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      When "p-1" is reported as fraud under the id "c-1" at 2025-03-09T08:00:00Z
      And "p-1" is reported as fraud under the id "c-1" at 2025-03-09T08:00:00Z
      Then the record of "p-1" holds exactly:
        | event           |
        | PredictionMade  |
        | OutcomeRecorded |
