using System.Text;
using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

/// <summary>Metadata that a foreign producer wrote stops nobody who reads it.</summary>
public sealed class EventMetadataTests
{
    [Fact]
    public void A_text_with_half_a_surrogate_pair_is_absent_and_the_others_are_read() =>
        EventMetadata.FromJson("""{"$correlationId":"\ud800","producer":"till"}"""u8.ToArray()).ShouldBe(new EventMetadata { Producer = "till" });

    [Fact]
    public void So_is_one_with_a_byte_that_is_no_utf8() =>
        EventMetadata.FromJson((byte[])[.. "{\"occurredAt\":\""u8, 0xFF, .. "\",\"producer\":\"till\"}"u8]).ShouldBe(new EventMetadata { Producer = "till" });

    [Fact]
    public void Half_a_surrogate_pair_in_a_members_name_fails_nothing() =>
        EventMetadata.FromJson("""{"\ud800 and so on, for longer than any name":1}"""u8.ToArray()).ShouldBe(new EventMetadata());

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"producer":5,"imported":"true","occurredAt":"yesterday"}""")]
    public void What_is_no_metadata_states_nothing(string json) =>
        EventMetadata.FromJson(Encoding.UTF8.GetBytes(json)).ShouldBe(new EventMetadata());
}
