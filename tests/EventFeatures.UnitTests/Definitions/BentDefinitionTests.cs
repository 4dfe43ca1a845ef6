using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class BentDefinitionTests
{
    private static readonly string[] Nasty =
    [
        "[]", "{}", "null", "~", "-1", "1e999", "0x7fffffffffffffffff", "''", "\"\\u0000\"", "*x", "&a", "!!int 3", "|", ">-", "'", "{ a: { b: [", "?", "<<: *a",
        "- x", "\t", "\u2028", "\"\\ud800\"", "9223372036854775808", "0.1d", "1us", "999999999999999d", "card_activity@v99999999999__x", "true", ".nan", "-.inf", "7d", "0",
    ];

    /// <summary>However a file is bent, the answer is a plan or a list of issues with places, and never a crash.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_bent_file_is_planned_or_explained(int seed)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var files = Yaml.All.ToArray();
            var bent = random.Next(files.Length);
            files[bent] = Bend(files[bent], random);
            try
            {
                await bench.PlanAsync(files);
            }
            catch (DefinitionInvalidException invalid)
            {
                invalid.Issues.ShouldAllBe(issue => issue.File.Length > 0 && issue.Line > 0 && issue.Code.Length > 0 && issue.Message.Length > 0, $"seed {seed}, round {round}: {files[bent]}");
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, round {round}:\n{files[bent]}", exception);
            }
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_a_file()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var plan = await bench.SendAsync(new PlanDefinitions(
        [
            new DefinitionFile("a.yaml", "\uFEFF" + Yaml.Entity),
            new DefinitionFile("b.json", "\uFEFF" + """{"apiVersion": "eventfeatures/v1", "kind": "Entity", "name": "shop", "keys": [{"name": "shop"}]}"""),
        ]));
        plan.Changes.Count.ShouldBe(2);
    }

    private static string Bend(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(lines.Count);
            switch (random.Next(5))
            {
                case 0: lines.RemoveAt(at); break;
                case 1: lines.Insert(at, lines[random.Next(lines.Count)]); break;
                case 2: lines[at] = new string(' ', random.Next(6)) + lines[at].TrimStart(); break;
                case 3: lines[at] = lines[at].Insert(random.Next(lines[at].Length + 1), Nasty[random.Next(Nasty.Length)]); break;
                default:
                    var colon = lines[at].IndexOf(": ", StringComparison.Ordinal);
                    lines[at] = (colon < 0 ? "" : lines[at][..(colon + 2)]) + Nasty[random.Next(Nasty.Length)];
                    break;
            }
            if (lines.Count == 0) lines.Add("");
        }
        return string.Join('\n', lines);
    }
}
