using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>A payment as the outside sees it: read back from its event, without the simulator's truth.</summary>
internal sealed record ObservedPayment(
    string PaymentId, string Card, Instant OccurredAt, double Amount, string Country, string Mcc, string Channel, bool IsApproved)
{
    public string Stream => $"card-{Card}";

    public static ObservedPayment Read(SimulatedEvent arrival)
    {
        using var data = JsonDocument.Parse(arrival.Data);
        var root = data.RootElement;
        string Text(string field) => root.GetProperty(field).GetString()!;
        return new ObservedPayment(
            Text("payment_id"), arrival.Stream["card-".Length..], arrival.OccurredAt, root.GetProperty("amount").GetDouble(),
            Text("country"), Text("mcc"), Text("channel"), Text("status") == "approved");
    }

    /// <summary>The payment that a chargeback disputes.</summary>
    public static string DisputedId(SimulatedEvent chargeback)
    {
        using var data = JsonDocument.Parse(chargeback.Data);
        return data.RootElement.GetProperty("payment_id").GetString()!;
    }

    /// <summary>A row of a training set: what would have been asked when it was made, and what came of it.</summary>
    public SpineRow ToSpine(bool isDisputed)
    {
        var row = new SpineRow { Entities = { ["card"] = Card }, Time = OccurredAt.ToString(), Label = isDisputed ? 1 : 0 };
        AddContext(row.Context);
        return row;
    }

    /// <summary>The question whether to let it pass, before it is recorded.</summary>
    public PredictRequest ToRequest(string model, ulong minPosition)
    {
        var request = new PredictRequest
        {
            Model = model,
            PredictionId = $"{model}-{PaymentId}",
            Entities = { ["card"] = Card },
            AsOf = OccurredAt.ToString(),
            MinPosition = minPosition,
        };
        AddContext(request.Context);
        return request;
    }

    private void AddContext(IDictionary<string, Value> context)
    {
        context["amount"] = new Value { Number = Amount };
        context["country"] = new Value { Text = Country };
        context["mcc"] = new Value { Text = Mcc };
        context["channel"] = new Value { Text = Channel };
        context["hour"] = new Value { Integer = OccurredAt.ToDateTimeOffset().Hour };
    }
}
