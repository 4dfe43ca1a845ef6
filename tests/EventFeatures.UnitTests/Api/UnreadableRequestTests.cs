using System.Text;
using System.Text.Json;
using EventFeatures.Server.Api;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

/// <summary>Requests that pass for JSON or HTTP at first sight and cannot be read: their senders' errors, and none of the server's.</summary>
public sealed class UnreadableRequestTests
{
    // In Latin-1 this is a byte that UTF-8 never has.
    private const string NoUtf8 = "\u00ff";

    [Theory]
    [InlineData("id", "\"\\ud800\"")]
    [InlineData("id", $"\"{NoUtf8}\"")]
    [InlineData("source", "\"a\\udc00\"")]
    [InlineData("producer", $"[\"{NoUtf8}\"]")]
    [InlineData("data", $"\"{NoUtf8}\"")]
    public void A_cloud_event_with_broken_text_is_refused_by_the_members_name(string member, string json)
    {
        var members = new Dictionary<string, string>
        {
            ["specversion"] = "\"1.0\"", ["id"] = "\"1\"", ["source"] = "\"/t\"", ["type"] = "\"PaymentAuthorised\"", ["subject"] = "\"card-1\"", ["data"] = "{}", [member] = json,
        };
        var body = Encoding.Latin1.GetBytes($"{{{string.Join(',', members.Select(each => $"\"{each.Key}\":{each.Value}"))}}}");
        using var document = JsonDocument.Parse(body);

        var refused = Should.Throw<InvalidRequestException>(() => CloudEventMessages.ToCommand(document.RootElement));

        refused.Field.ShouldBe(member);
        refused.Message.ShouldContain("UTF-8");
    }

    [Fact]
    public void A_body_that_breaks_off_is_the_callers_error()
    {
        var error = ErrorMapping.Map(new BadHttpRequestException("Unexpected end of request content.")).ShouldNotBeNull();

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Message.ShouldContain("Unexpected end of request content.");
    }
}
