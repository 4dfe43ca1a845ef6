using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class RowAdmissionTests
{
    private static readonly CompiledView View = CompiledView.Compile(
        Cards.View(null, Cards.Feature("count", null, Cards.Ever)), Cards.Contract with { AllowedLateness = Duration.Parse("2h") }, Cards.Card);

    [Theory]
    [InlineData("10:00:00", Admission.Admitted)]
    [InlineData("09:59:59.999999", Admission.Late)]
    public void An_event_is_late_past_the_allowed_lateness_and_not_at_it(string occurredAt, Admission expected) =>
        Decide(At("12:00:00"), At(occurredAt)).ShouldBe([Admission.Admitted, expected]);

    [Fact]
    public void Without_an_allowed_lateness_nothing_is_late()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Ever));
        view.Admit([Cards.Paid(0, At("12:00:00")), Cards.Paid(1, Instant.Parse("1900-01-01T00:00:00Z"))]).Rows.Count.ShouldBe(2);
    }

    [Fact]
    public void Duplicates_and_violations_never_make_another_event_late()
    {
        var admitted = View.Admit([
            Cards.Paid(0, At("12:00:00")),
            Cards.Paid(1, At("18:00:00"), id: Cards.Id(0)),
            Cards.Event(2, """{"occurred_at":"2026-01-01T18:00:00Z","amount":"much"}"""),
            Cards.Paid(3, At("11:00:00"))]);
        admitted.Rows.Select(row => row.Revision).ShouldBe([3, 0]);
        admitted.Refused.Select(refused => (refused.Event.Revision, refused.Code)).ShouldBe([(1, "duplicate"), (2, "type-mismatch")]);
    }

    [Fact]
    public void The_id_of_a_refused_event_may_be_used_again()
    {
        var admitted = View.Admit([Cards.Paid(0, At("12:00:00")), Cards.Paid(1, At("01:00:00")), Cards.Paid(2, At("12:00:00"), id: Cards.Id(1))]);
        admitted.Rows.Select(row => row.Revision).ShouldBe([0, 2]);
        admitted.Refused.Single().Code.ShouldBe("late");
    }

    [Fact]
    public void An_event_at_an_earlier_position_is_a_redelivery()
    {
        var admission = new RowAdmission(null);
        var row = Cards.Row(View, Cards.Paid(3, Cards.Noon));
        admission.Admit(row with { Position = Position.Start }).ShouldBe(Admission.Admitted);
        admission.Admit(row with { Position = Position.Start }).ShouldBe(Admission.Redelivered);
    }

    private static List<Admission> Decide(params Instant[] times)
    {
        var admission = new RowAdmission(View.Contracts[0].AllowedLateness);
        return [.. times.Select((time, index) => admission.Admit(Cards.Row(View, Cards.Paid(index, time))))];
    }

    private static Instant At(string time) => Instant.Parse($"2026-01-01T{time}Z");
}
