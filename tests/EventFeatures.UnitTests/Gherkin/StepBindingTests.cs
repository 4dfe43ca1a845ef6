using EventFeatures.Core.Time;
using EventFeatures.Testing.Gherkin;
using EventFeatures.Testing.Gherkin.Bindings;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Gherkin;

public sealed class StepBindingTests
{
    [Fact]
    public async Task A_step_without_a_binding_fails_with_file_line_and_a_snippet()
    {
        var failure = await Play.FailureAsync("""
            Feature: F
              Scenario: S
                Given a step
                When card "4929" pays 12.50 for 3 items
                  | x |
                  | 1 |
            """, typeof(Steps));

        failure.ShouldBeOfType<StepUnboundException>();
        failure.Message.ShouldStartWith("features/play.feature:4: When card \"4929\" pays 12.50 for 3 items\nNo step definition matches.");
        failure.Message.ShouldContain("[When(\"card {string} pays {float} for {int} items\")]");
        failure.Message.ShouldContain("public void WhenCardPaysForItems(string p0, double p1, int p2, DataTable table)");
    }

    [Fact]
    public async Task Every_unbound_step_is_named_at_once_and_nothing_runs()
    {
        var journal = Journal.Open();

        var failure = await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given a step\n    And one unknown\n    And another unknown\n", typeof(Steps));

        failure.Message.ShouldContain("features/play.feature:4:");
        failure.Message.ShouldContain("features/play.feature:5:");
        journal.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_step_with_two_bindings_fails_with_the_list_of_candidates()
    {
        var failure = await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given an ambiguous step\n", typeof(Steps));

        failure.ShouldBeOfType<StepUnboundException>();
        failure.Message.ShouldContain("features/play.feature:3: Given an ambiguous step\n2 step definitions match");
        failure.Message.ShouldContain("Steps.Either(): \"an ambiguous step\"");
        failure.Message.ShouldContain("Steps.Or(String): \"an (.*) step\"");
    }

    [Fact]
    public async Task A_binding_of_another_kind_does_not_match() =>
        (await Play.FailureAsync("Feature: F\n  Scenario: S\n    When a step\n", typeof(Steps))).Message.ShouldContain("No step definition matches");

    [Theory]
    [InlineData("Given the number -3", "-3")]
    [InlineData("Given the rate 0.125", "0.125")]
    [InlineData("Given the text \"two words\"", "two words")]
    [InlineData("Given the text 'single'", "single")]
    [InlineData("Given the word alone", "alone")]
    [InlineData("Given 1 event arrives", "1")]
    [InlineData("Given 2 events arrive", "2")]
    [InlineData("Given anything (at all)", "(at all)")]
    [InlineData("Given by pattern a-17", "17")]
    [InlineData("Given the time 2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z")]
    [InlineData("Given at 10:30", "630")]
    [InlineData("Given the day Friday", "Friday")]
    [InlineData("When of any kind", "any")]
    public async Task Expressions_capture_and_convert_their_arguments(string step, string expected)
    {
        var journal = Journal.Open();

        var result = (await Play.AllAsync($"Feature: F\n  Scenario: S\n    {step}\n", typeof(Steps))).Single();

        result.Failure.ShouldBeNull();
        journal.ShouldBe([expected]);
    }

    [Fact]
    public async Task A_table_and_a_doc_string_are_the_last_argument()
    {
        var journal = Journal.Open();

        var results = await Play.AllAsync("""
            Feature: F
              Scenario: S
                Given payments of card 7
                  | Amount | Country | occurred at          |
                  | 12.50  | FR      | 2026-03-01T10:00:00Z |
                  | 3      | ES      | 2026-03-02T10:00:00Z |
                And the policy
                  | field   | value |
                  | Minimum | 4     |
                And the letter
                  '''
                  Dear Sir
                  '''
            """.Replace("'''", "\"\"\"", StringComparison.Ordinal), typeof(Steps));

        results.Single().Failure.ShouldBeNull();
        journal.ShouldBe(["7: 12.50 FR 2026-03-01T10:00:00Z", "7: 3 ES 2026-03-02T10:00:00Z", "minimum 4", "Dear Sir"]);
    }

    [Fact]
    public async Task A_column_without_a_place_is_refused() =>
        (await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given the policy\n      | Minimum | Maximum |\n      | 1 | 2 |\n", typeof(Steps)))
            .Message.ShouldContain("has no place for the table's column 'Maximum'");

    [Fact]
    public async Task A_text_that_is_no_such_value_fails_and_names_both() =>
        (await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given the day Someday\n", typeof(Steps)))
            .Message.ShouldContain("'Someday' is not a DayOfWeek");

    [Fact]
    public async Task Too_few_parameters_are_refused() =>
        (await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given a step\n      | a |\n      | 1 |\n", typeof(Steps)))
            .Message.ShouldContain("takes 0 arguments but the step holds 1");

    [Fact]
    public void An_unknown_parameter_type_is_refused_when_the_bindings_are_read() =>
        Should.Throw<BindingInvalidException>(() => BindingRegistry.Of(typeof(Unknown))).Message.ShouldContain("{colour}");

    private sealed record Payment(decimal Amount, string Country, Instant OccurredAt);

    private sealed record Policy(int Minimum);

    [Binding]
    private sealed class Steps
    {
        [Given("a step")] public void Step() => Journal.Write("step");
        [Given("an ambiguous step")] public void Either() { }
        [Given("an (.*) step")] public void Or(string kind) { }
        [Given("the number {int}")] public void Number(long value) => Journal.Write($"{value}");
        [Given("the rate {float}")] public void Rate(double value) => Journal.Write(FormattableString.Invariant($"{value}"));
        [Given("the text {string}")] public void Text(string value) => Journal.Write(value);
        [Given("the word {word}")] public void Word(string value) => Journal.Write(value);
        [Given("{int} event(s) arrive/arrives")] public void Events(int count) => Journal.Write($"{count}");
        [Given(@"anything {}")] public void Anything(string value) => Journal.Write(value);
        [Given(@"^by pattern (?:[a-z])-(\d+)$")] public void Pattern(int value) => Journal.Write($"{value}");
        [Given("the time {Instant}")] public void Time(Instant value) => Journal.Write($"{value}");
        [Given("at {clock}")] public void At(int minutes) => Journal.Write($"{minutes}");
        [Given("the day {DayOfWeek}")] public void Day(DayOfWeek day) => Journal.Write($"{day}");
        [StepDefinition("of {word} kind")] public void Kind(string value) => Journal.Write(value);
        [Given("the letter")] public void Letter(string text) => Journal.Write(text);
        [Given("the policy")] public void Limit(DataTable table) => Journal.Write($"minimum {table.CreateInstance<Policy>().Minimum}");

        [Given("payments of card {int}")]
        public void Payments(int card, IReadOnlyList<Payment> payments)
        {
            foreach (var payment in payments) Journal.Write(FormattableString.Invariant($"{card}: {payment.Amount} {payment.Country} {payment.OccurredAt}"));
        }

        [StepArgumentTransformation] public static IReadOnlyList<Payment> Payments(DataTable table) => table.CreateSet<Payment>();
        [StepArgumentTransformation] public Instant Instant(string text) => Core.Time.Instant.Parse(text);
        [StepArgumentTransformation(@"(\d\d):(\d\d)", Name = "clock")] public int Minutes(int hours, int minutes) => hours * 60 + minutes;
    }

    [Binding]
    private sealed class Unknown
    {
        [Given("a {colour} thing")] public void Coloured(string colour) { }
    }
}
