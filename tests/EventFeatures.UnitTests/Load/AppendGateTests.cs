using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Application.Pipeline;
using EventFeatures.Server.Api;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Load;

public sealed class AppendGateTests
{
    private static readonly string TooLong = new('x', ProducerQuotas.NameLengthMax + 1);

    private readonly FakeTimeProvider _time = new();
    private readonly ProducerBuckets _buckets;
    private readonly AppendGate _gate;

    public AppendGateTests()
    {
        var limits = new LoadLimits();
        _buckets = new ProducerBuckets(new ProducerQuotas(new ProducerQuota(EventsPerSecond: 10), new Dictionary<string, ProducerQuota>()), _time);
        _gate = new AppendGate(new Admission(limits, _time), _buckets, limits, _time);
    }

    [Fact]
    public async Task A_producer_with_too_long_a_name_is_refused_and_not_remembered()
    {
        await RefusedAsync(new AppendEvents([Item()]) { Producer = TooLong }, "producer");
        await RefusedAsync(new AppendEvents([Item(), Item() with { Producer = TooLong }]), "items[1].producer");
        await RefusedAsync(FromSource(TooLong), "items[0].producer");
        _buckets.Remembered.ShouldBe(0);

        (await EnterAsync(new AppendEvents([Item()]) { Producer = TooLong[1..] })).Dispose();
        _buckets.Remembered.ShouldBe(1);
    }

    private static AppendItem Item() => new("card-1", "PaymentAuthorised", default);

    private static AppendEvents FromSource(string source) => CloudEventMessages.ToCommand(JsonElement.Parse(
        $$"""{"specversion": "1.0", "id": "1", "source": "{{source}}", "type": "PaymentAuthorised", "subject": "card-1", "data": {} }""")).Command;

    private async Task RefusedAsync(AppendEvents append, string field)
    {
        var refused = await Should.ThrowAsync<CommandInvalidException>(() => EnterAsync(append));
        refused.Failures.ShouldHaveSingleItem().Field.ShouldBe(field);
        ErrorMapping.Map(refused).ShouldNotBeNull().Status.ShouldBe(StatusCode.InvalidArgument);
    }

    private Task<Admission.Place> EnterAsync(AppendEvents append) => _gate.EnterAsync(append, AppendPriority.Normal, bytes: 1, CancellationToken.None).AsTask();
}
