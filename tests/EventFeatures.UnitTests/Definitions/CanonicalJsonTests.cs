using EventFeatures.Core.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("10e-1", "1")]
    [InlineData("-0.0", "0")]
    [InlineData("0.1", "0.1")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("-12345.678", "-12345.678")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    public void A_number_has_one_text(string written, string canonical) => CanonicalJson.Number(written).ShouldBe(canonical);

    [Fact]
    public void Members_are_sorted_by_code_unit_at_every_level() =>
        Canonical("""{ "b": 1, "a": { "z": [3, 1], "Z": null }, "é": true }""").ShouldBe("""{"a":{"Z":null,"z":[3,1]},"b":1,"é":true}""");

    [Fact]
    public void Layout_and_key_order_do_not_change_the_digest() =>
        CanonicalJson.Digest(Canonical("""{ "a": 1.50, "b": "x" }""")).ShouldBe(CanonicalJson.Digest(Canonical("{\"b\":\"\\u0078\",\n\t\"a\":15e-1}")));

    [Fact]
    public void The_digest_is_the_sha256_that_other_tools_compute() =>
        CanonicalJson.Digest("{}").ShouldBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");

    [Fact]
    public void Canonical_text_is_its_own_canonical_text() =>
        Canonical(Canonical("""{"q":"a\"b\\c\n\u0007","n":[1e-9,2.50]}""")).ShouldBe(Canonical("""{"n":[1e-9,2.5],"q":"a\"b\\c\n\u0007"}"""));

    private static string Canonical(string json)
    {
        var issues = new IssueList();
        var document = JsonDocuments.Read("t.json", json, issues).ShouldNotBeNull();
        issues.Count.ShouldBe(0);
        return CanonicalJson.Write(document.Root);
    }
}
