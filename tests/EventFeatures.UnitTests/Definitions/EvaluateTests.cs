using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class EvaluateTests
{
    private const string Event = """{"stream": "card-1", "type": "PaymentAuthorised", "time": "2026-01-05T10:00:00Z", "data": {"amount": 5, "occurred_at": "2026-01-05T10:00:00Z"}}""";
    private const string Spine = """{"card": "1", "time": "2026-01-05T10:30:00Z"}""";

    [Theory]
    [InlineData("orders", null, "expected.jsonl")]
    [InlineData(null, "basket", "expected-service.jsonl")]
    public async Task The_documented_example_gives_the_documented_lines(string? view, string? service, string expected)
    {
        var folder = Path.Combine(RepositoryFolder.Path, "ops", "demo", "evaluate");
        await using var bench = await DefinitionBench.StartAsync();
        using var events = new StreamReader(Path.Combine(folder, "events.jsonl"));
        using var spine = new StreamReader(Path.Combine(folder, "spine.jsonl"));
        using var output = new StringWriter { NewLine = "\n" };

        var evaluation = await bench.SendAsync(new EvaluateDefinitions(
            DefinitionFiles.Load(Path.Combine(folder, "definitions.yaml")), new EvaluationInput("events.jsonl", events), new EvaluationInput("spine.jsonl", spine), output)
        { View = view, Service = service });

        output.ToString().ShouldBe(await File.ReadAllTextAsync(Path.Combine(folder, expected)));
        evaluation.Rows.ShouldBe(7);
        evaluation.Events.ShouldBe(6);
        evaluation.NotCounted.Select(one => one.Line).ShouldBe([4, 6]);
        evaluation.NotCounted[0].Code.ShouldBe("duplicate");
        evaluation.NotCounted[1].Detail.ShouldContain("amount");
    }

    [Theory]
    [InlineData("products", new[] { 3, 6, 7 }, new[] { "duplicate", "unkeyed", "late" })]
    [InlineData("purchases", new[] { 3, 6, 7 }, new[] { "duplicate", "unkeyed", "late" })]
    public async Task The_documented_example_of_sources_gives_the_documented_lines(string view, int[] lines, string[] codes)
    {
        var folder = Path.Combine(RepositoryFolder.Path, "ops", "demo", "evaluate-sources");
        await using var bench = await DefinitionBench.StartAsync();
        using var events = new StreamReader(Path.Combine(folder, "events.jsonl"));
        using var spine = new StreamReader(Path.Combine(folder, $"{view}.jsonl"));
        using var output = new StringWriter { NewLine = "\n" };

        var evaluation = await bench.SendAsync(new EvaluateDefinitions(
            DefinitionFiles.Load(Path.Combine(folder, "definitions.yaml")), new EvaluationInput("events.jsonl", events), new EvaluationInput("spine.jsonl", spine), output)
        { View = view });

        output.ToString().ShouldBe(await File.ReadAllTextAsync(Path.Combine(folder, $"expected-{view}.jsonl")));
        evaluation.NotCounted.Select(one => one.Line).ShouldBe(lines);
        evaluation.NotCounted.Select(one => one.Code).ShouldBe(codes);
    }

    [Fact]
    public async Task A_line_is_written_before_the_next_spine_line_is_read()
    {
        await using var bench = await DefinitionBench.StartAsync();
        using var output = new StringWriter { NewLine = "\n" };
        using var spine = new Watched([Spine, Spine], () => output.ToString().Count(letter => letter == '\n'));

        await bench.SendAsync(Request(new StringReader(Event), spine, output));

        spine.WrittenAtRead.ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task Without_recorded_times_all_events_are_known()
    {
        (await EvaluateAsync(Event, Spine)).ShouldBe(
            """{"card":"1","time":"2026-01-05T10:30:00Z","features":{"count_1h":1,"mean_7d":5},"status":{"count_1h":"PRESENT","mean_7d":"PRESENT"}}""" + "\n");
    }

    [Theory]
    [InlineData("recorded_at", "\"2026-01-05T10:00:00Z\"", "events.jsonl:1: There is no member 'recorded_at'. Did you mean 'recordedAt'?")]
    [InlineData("time", "\"yesterday\"", "events.jsonl:1: 'time' is \"yesterday\", which is no time. Write it as \"2026-01-31T12:00:00Z\", with Z or an offset, to the microsecond at most.")]
    [InlineData("stream", "7", "events.jsonl:1: 'stream' has to be a text that is not empty, but is 7.")]
    [InlineData("data", "null", "events.jsonl:1: 'data' is missing. The line has stream, type, time, data.")]
    public async Task A_malformed_event_is_refused_with_its_line(string member, string value, string message)
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse(Event)!.AsObject();
        document[member] = System.Text.Json.Nodes.JsonNode.Parse(value);
        (await Should.ThrowAsync<EvaluationInputException>(() => EvaluateAsync(document.ToJsonString(), Spine))).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("""{"time": "2026-01-05T10:30:00Z"}""", "spine.jsonl:2: The key of 'card' is missing. Give card as a column.")]
    [InlineData("""{"card": true, "time": "2026-01-05T10:30:00Z"}""", "spine.jsonl:2: 'card' is true, but a key is a text or a whole number.")]
    [InlineData("""{"card": "1", "time": "2026-01-05T10:30:00Z", "knownAt": 2}""", "spine.jsonl:2: 'knownAt' is 2, but it counts the events of the file that were known: a whole number from 0 to 1.")]
    [InlineData("""{"card": "1", "time": "2026-01-05T10:30:00Z", "status": 1}""", "spine.jsonl:2: The column 'status' would be overwritten. Rename it.")]
    [InlineData("""{"card": "1", "Time": "2026-01-05T10:30:00Z"}""", "spine.jsonl:2: There is no member 'Time'. Did you mean 'time'?")]
    [InlineData("""{"card": "\ud800", "time": "2026-01-05T10:30:00Z"}""", "spine.jsonl:2: A name or a text of the line has one half of a surrogate pair, \\ud800 to \\udfff, without the other, which is no Unicode. Write the character itself.")]
    [InlineData("""{"card": "1", "time": "2026-01-05T10:30:00Z", "\udfff": 1}""", "spine.jsonl:2: A name or a text of the line has one half of a surrogate pair, \\ud800 to \\udfff, without the other, which is no Unicode. Write the character itself.")]
    [InlineData("""[1]""", "spine.jsonl:2: A line has to be a JSON object, but this is Array.")]
    public async Task A_malformed_spine_line_is_refused_with_its_line(string line, string message) =>
        (await Should.ThrowAsync<EvaluationInputException>(() => EvaluateAsync(Event, Spine + "\n" + line))).Message.ShouldBe(message);

    [Fact]
    public async Task A_key_may_be_a_number_and_columns_are_carried_as_they_stand() =>
        (await EvaluateAsync(Event, """{"card": 1, "time": "2026-01-05T10:30:00+00:00", "x": 1.50, "y": {"é": [null]}}""")).ShouldStartWith(
            """{"card":1,"time":"2026-01-05T10:30:00+00:00","x":1.50,"y":{"é": [null]},"features":{"count_1h":1,""");

    [Fact]
    public async Task A_decimal_of_the_context_keeps_its_digits_and_one_of_too_many_is_refused()
    {
        (await EchoAsync("12345678901234567890.123456")).ShouldContain("\"echo\":12345678901234567890.123456");
        (await Should.ThrowAsync<EvaluationInputException>(() => EchoAsync("0.12345678901234567890123456789"))).Message.ShouldStartWith("spine.jsonl:1: 'amount' is 0.12345678901234567890123456789, which has more digits");

        async Task<string> EchoAsync(string amount)
        {
            return await EvaluateServiceAsync(Spine.Replace("}", $", \"amount\": {amount}}}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_misspelt_context_field_is_refused_unless_the_field_is_there_too()
    {
        (await Should.ThrowAsync<EvaluationInputException>(() => EvaluateServiceAsync(Spine.Replace("}", ", \"Amount\": 1}", StringComparison.Ordinal))))
            .Message.ShouldBe("spine.jsonl:1: There is no member 'Amount'. Did you mean 'amount'?");
        (await EvaluateServiceAsync(Spine.Replace("}", ", \"Amount\": 1, \"amount\": 2}", StringComparison.Ordinal))).ShouldContain("\"echo\":2");
    }

    private static async Task<string> EvaluateServiceAsync(string spine)
    {
        await using var bench = await DefinitionBench.StartAsync();
        using var output = new StringWriter { NewLine = "\n" };
        var service = Yaml.Service.With("amount, type: number", "amount, type: decimal").With("name: ratio, expression: \"amount / card_activity__mean_7d\"", "name: echo, expression: \"amount\"");
        var request = Request(new StringReader(Event), new StringReader(spine), output);
        await bench.SendAsync(request with { Definitions = [.. new[] { Yaml.Contract, Yaml.Entity, Yaml.View, service }.Select((text, index) => new DefinitionFile($"{index}.yaml", text))], View = null, Service = "fraud" });
        return output.ToString();
    }

    [Fact]
    public async Task An_unknown_view_is_refused_with_the_nearest()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var request = Request(new StringReader(Event), new StringReader(Spine), new StringWriter()) with { View = "card_activty" };
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(request))).Detail.ShouldBe("The definitions hold no view 'card_activty'. Did you mean 'card_activity'?");
    }

    [Fact]
    public async Task An_event_of_no_contract_is_reported_and_does_not_count()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var stray = Event.Replace("PaymentAuthorised", "PaymentAuthorized", StringComparison.Ordinal);
        var evaluation = await bench.SendAsync(Request(new StringReader(Event + "\n\n" + stray), new StringReader(Spine), new StringWriter()));
        evaluation.NotCounted.ShouldHaveSingleItem().ShouldBe(new EventNotCounted(3, "contract-unknown", "No contract covers the event type 'PaymentAuthorized' in stream 'card-1'."));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_order_of_recording_gives_what_counting_by_hand_gives(int seed)
    {
        var random = new Random(seed);
        var events = Enumerable.Range(0, 60).Select(_ => (Occurred: random.Next(0, 120), Recorded: random.Next(0, 120))).Select(one => (one.Occurred, Recorded: Math.Max(one.Occurred, one.Recorded))).ToList();
        var lines = events.Select(one => $$$"""{"stream": "card-1", "type": "PaymentAuthorised", "time": "{{{At(one.Occurred)}}}", "recordedAt": "{{{At(one.Recorded)}}}", "data": {"amount": 1, "occurred_at": "{{{At(one.Occurred)}}}"}}""");
        var spine = Enumerable.Range(0, 40).Select(_ => (Time: random.Next(0, 140), KnownAt: random.Next(0, 2) == 0 ? random.Next(0, 61) : (int?)null)).ToList();

        var rows = spine.Select(one => $$"""{"card": 1, "time": "{{At(one.Time)}}", "knownAt": {{one.KnownAt?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}}}""");
        var output = await EvaluateAsync(string.Join('\n', lines), string.Join('\n', rows));

        var counts = output.TrimEnd().Split('\n').Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!["features"]!["count_1h"]?.GetValue<int>() ?? 0);
        counts.ShouldBe(spine.Select(one => events.Where((recorded, index) =>
            recorded.Occurred <= one.Time && recorded.Occurred > one.Time - 60 && (one.KnownAt is { } known ? index < known : recorded.Recorded <= one.Time)).Count()));

        static string At(int minute) => (Core.Time.Instant.Parse("2026-01-05T00:00:00Z") + new Core.Time.Duration(minute * 60_000_000L)).ToString();
    }

    private static async Task<string> EvaluateAsync(string events, string spine)
    {
        await using var bench = await DefinitionBench.StartAsync();
        using var output = new StringWriter { NewLine = "\n" };
        await bench.SendAsync(Request(new StringReader(events), new StringReader(spine), output));
        return output.ToString();
    }

    private static EvaluateDefinitions Request(TextReader events, TextReader spine, TextWriter output) => new(
        [.. Yaml.All.Select((text, index) => new DefinitionFile($"{index}.yaml", text))],
        new EvaluationInput("events.jsonl", events), new EvaluationInput("spine.jsonl", spine), output)
    { View = "card_activity" };

    /// <summary>Notes how much was written at each read.</summary>
    private sealed class Watched(string[] lines, Func<int> written) : StringReader(string.Join('\n', lines))
    {
        public List<int> WrittenAtRead { get; } = [];

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
        {
            WrittenAtRead.Add(written());
            return base.ReadLineAsync(cancellationToken);
        }
    }
}
