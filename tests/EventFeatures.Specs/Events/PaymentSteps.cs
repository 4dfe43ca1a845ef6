using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;
using Shouldly;

namespace EventFeatures.Specs.Events;

/// <summary>Payments as the processor sends them.</summary>
[Binding]
public sealed class PaymentSteps(Office office)
{
    private const int Usual = 4929;

    private readonly Api.V1.Events.EventsClient _events = new(office.Channel);
    private readonly Api.V1.Features.FeaturesClient _features = new(office.Channel);
    private readonly List<AppendResponse> _answers = [];

    [Given("card {int} paid, as the log learnt at once:")]
    public async Task GivenPayments(int card, DataTable payments) =>
        await SendAsync(card, [.. payments.CreateSet<Payment>().Select(payment => payment.ToEvent(office, payment.OccurredAt))]);

    [Given("card {int} paid, as the log learnt later:")]
    public async Task GivenLatePayments(int card, DataTable payments) =>
        await SendAsync(card, [.. payments.CreateSet<Payment>().Select(payment => payment.ToEvent(office, payment.RecordedAt))]);

    [When("the processor corrects itself:")]
    public async Task WhenTheProcessorCorrects(DataTable payments) =>
        await SendAsync(Usual, [.. payments.CreateSet<Payment>().Select(payment => payment.ToEvent(office, null))]);

    [When("the producer sends one by one:")]
    public async Task WhenOneByOne(DataTable payments)
    {
        foreach (var payment in payments.CreateSet<Payment>()) await SendAsync(Usual, [payment.ToEvent(office, payment.OccurredAt)]);
    }

    [When("card {int} pays {float} at {word} and the event is sent {int} times")]
    public async Task WhenSentTimes(int card, decimal amount, Instant at, int times)
    {
        var sent = new Payment(at, amount, 0.5, Id: "again").ToEvent(office, at);
        for (var i = 0; i < times; i++) await SendAsync(card, [sent]);
    }

    [Then("every answer names the same position")]
    public void ThenSamePosition() => _answers.Select(answer => (answer.Position, answer.Revision)).Distinct().Count().ShouldBe(1);

    [Then("at {word} card {int} made {int} payment(s) and spent {float}")]
    public async Task ThenSpent(Instant at, int card, long payments, decimal spent)
    {
        var read = await _features.GetFeaturesAsync(new GetFeaturesRequest
        {
            Features = { "card_activity__count_24h", "card_activity__sum_24h" },
            Entities = { ["card"] = office.Card(card) },
            AsOf = at.ToString(),
            MinPosition = office.Position,
        });
        read.Features.Select(feature => feature.Value.AsObject()).ShouldBe([payments, spent]);
    }

    [Then("the stream of card {int} holds exactly:")]
    public async Task ThenStreamHolds(int card, DataTable events) =>
        (await office.EventTypesAsync(office.CardStream(card))).ShouldBe(events.Rows.Select(row => row["event"]));

    private async Task SendAsync(int card, IReadOnlyList<Event> events)
    {
        var answer = await _events.AppendAsync(new AppendRequest { Stream = office.CardStream(card), Events = { events } });
        answer.Events.ShouldAllBe(appended => appended.Verdict == AppendVerdict.Accepted);
        office.Saw(answer.Position);
        _answers.Add(answer);
    }
}
