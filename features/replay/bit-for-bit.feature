Feature: Every decision can be reproduced
  Whoever is declined may ask why, months later. The answer is worth something only if the very same decision follows
  again from the log alone: the same facts, the same score, to the last bit.

  Background:
    Given the fraud rules are in force, with champion version 1

  Rule: Only what was decided can be replayed

    @control-EX-01
    Scenario: The replay of a decision that was never made is refused
      When the auditor asks for a replay of the decision "never-made"
      Then it is refused with "prediction-unknown"

  Rule: A replay gives the facts, the score and the decision again, bit for bit

    @control-EX-02
    Scenario Outline: The <payments> payments of a card give the same score again
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.10  | 0.1  |
        | 2025-03-01T09:10:00Z | 20.20  | 0.2  |
        | 2025-03-01T09:20:00Z | 30.30  | 0.3  |
      When a payment of <amount> with card 4929 is scored at <time>
      And the auditor asks for a replay of that decision
      Then the replay says "reproduced"
      And the decision rested on <payments> payments

      Examples:
        | payments | time                 | amount |
        | 1        | 2025-03-01T09:05:00Z | 5.00   |
        | 3        | 2025-03-01T10:00:00Z | 999.99 |
        | 1        | 2025-03-02T09:15:00Z | 0.01   |

    @control-EX-02
    Scenario: A card that never paid is a fact too
      When a payment of 45.00 with card 4930 is scored at 2025-03-01T10:00:00Z
      And the auditor asks for a replay of that decision
      Then the replay says "reproduced"
      And the decision rested on 0 payments

  Rule: What becomes known after a decision does not change its replay

    @control-EX-03
    Scenario: A correction that arrives after the decision leaves its replay as it was
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
      And a payment of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      When the processor corrects itself:
        | occurred at          | amount | risk |
        | 2025-03-01T09:30:00Z | 500.00 | 0.9  |
      And the auditor asks for a replay of that decision
      Then the replay says "reproduced"
      And the decision rested on 1 payment
      But the same payment would now be scored on 2 payments

    @control-EX-03
    Scenario: A new champion does not change the replay of what the old one decided
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
      And a payment of 45.00 with card 4929 was scored at 2025-03-01T10:00:00Z
      When version 2 is made the champion
      And the auditor asks for a replay of that decision
      Then the replay says "reproduced"
      And the decision was made by version 1

  Rule: A decision names everything that it rested on

    @control-EX-04
    Scenario: The lineage of a decision names its payments and no others
      Given card 4929 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-02-01T09:00:00Z | 99.00  | 0.5  |
        | 2025-03-01T09:00:00Z | 10.00  | 0.1  |
      And card 5555 paid, as the log learnt at once:
        | occurred at          | amount | risk |
        | 2025-03-01T09:30:00Z | 70.00  | 0.7  |
      When a payment of 45.00 with card 4929 is scored at 2025-03-01T10:00:00Z
      Then the lineage of "card_activity__count_24h" names the payments of 2025-03-01T09:00:00Z
      And the lineage names the champion's bytes, the feature service, the view and the contract by their digests
