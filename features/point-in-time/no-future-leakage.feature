Feature: No leakage of the future into training
  A model that learnt from what nobody could have known looks excellent until it serves. A training row may therefore
  hold only what the log had recorded by the row's own time, unless hindsight is asked for by name.

  Background:
    Given the fraud rules are in force, with champion version 1

  Rule: What was recorded later is not in a training row

    @control-ML-01
    Scenario: A payment that became known an hour too late does not count
      Given card 4929 paid, as the log learnt later:
        | occurred at          | recorded at          | amount | risk |
        | 2025-03-01T09:00:00Z | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | 2025-03-01T09:30:00Z | 2025-03-01T11:00:00Z | 50.00  | 0.5  |
      When training rows are built:
        | card | time                 |
        | 4929 | 2025-03-01T10:00:00Z |
        | 4929 | 2025-03-01T12:00:00Z |
      Then the training rows are:
        | time                 | payments | spent |
        | 2025-03-01T10:00:00Z | 1        | 10.00 |
        | 2025-03-01T12:00:00Z | 2        | 60.00 |
      And no row leaks

    @control-ML-01
    Scenario Outline: A payment counts from the instant at which it was recorded
      Given card 4929 paid, as the log learnt later:
        | occurred at          | recorded at          | amount | risk |
        | 2025-03-01T09:00:00Z | 2025-03-01T10:00:00Z | 10.00  | 0.1  |
      When training rows are built:
        | card | time   |
        | 4929 | <time> |
      Then the training rows are:
        | time   | payments   | spent   |
        | <time> | <payments> | <spent> |

      Examples:
        | time                        | payments | spent |
        | 2025-03-01T09:59:59.999999Z | 0        | 0     |
        | 2025-03-01T10:00:00Z        | 1        | 10.00 |

  Rule: What happened later is not in a training row

    @control-ML-02
    Scenario Outline: A window is closed at the row's time and open at its start
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T10:00:00Z | 10.00  | 0.1  |
      When training rows are built:
        | card | time   |
        | 4929 | <time> |
      Then the training rows are:
        | time   | payments   | spent   |
        | <time> | <payments> | <spent> |

      Examples:
        | time                        | payments | spent |
        | 2025-03-01T09:59:59.999999Z | 0        | 0     |
        | 2025-03-01T10:00:00Z        | 1        | 10.00 |
        | 2025-03-02T09:59:59.999999Z | 1        | 10.00 |
        | 2025-03-02T10:00:00Z        | 0        | 0     |

  Rule: Hindsight has to be asked for by name, and is marked

    @control-ML-03
    Scenario: With hindsight, a row holds what is known today and says so
      Given card 4929 paid, as the log learnt later:
        | occurred at          | recorded at          | amount | risk |
        | 2025-03-01T09:00:00Z | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | 2025-03-01T09:30:00Z | 2025-03-01T11:00:00Z | 50.00  | 0.5  |
      When training rows are built with hindsight:
        | card | time                 |
        | 4929 | 2025-03-01T10:00:00Z |
      Then the training rows are:
        | time                 | payments | spent |
        | 2025-03-01T10:00:00Z | 2        | 60.00 |
      And the training set is marked as hindsight

  Rule: A model is taught on the very facts on which decisions were made

    @control-ML-04
    Scenario: Rows made of recorded decisions hold the facts that the decisions saw
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | 2025-03-01T09:10:00Z | 20.20  | 0.2  |
        | 2025-03-01T09:20:00Z | 30.30  | 0.3  |
      And a payment of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      When the processor corrects itself:
        | occurred at          | amount | risk |
        | 2025-03-01T09:30:00Z | 500.00 | 0.9  |
      And training rows are built from the recorded decisions
      Then the training row of that decision holds the facts that it saw, bit for bit

  Rule: The same question gives the same file

    @control-ML-05
    Scenario: Building a training set twice gives the same bytes
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
        | 2025-03-01T09:10:00Z | 20.20  | 0.2  |
      When training rows are built:
        | card | time                 |
        | 4929 | 2025-03-01T10:00:00Z |
        | 4930 | 2025-03-01T10:00:00Z |
      Then building them again gives the same file and the same manifest, by digest
