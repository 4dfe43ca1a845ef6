using CsCheck;
using EventFeatures.Log.Protocol;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class UuidTests
{
    [Fact]
    public void Both_forms_name_the_same_id() => Gen.Guid.Sample(id =>
        Uuids.TryRead(Uuids.Structured(id), out var structured) && Uuids.TryRead(Uuids.Text(id), out var text) && structured == id && text == id);

    [Fact]
    public void The_structured_form_is_the_text_read_as_two_numbers()
    {
        var structured = Uuids.Structured(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")).Structured;

        structured.MostSignificantBits.ShouldBe(0x0011223344556677);
        structured.LeastSignificantBits.ShouldBe(unchecked((long)0x8899aabbccddeeff));
    }

    [Fact]
    public void Nothing_and_text_that_is_no_id_are_refused()
    {
        Uuids.TryRead(null, out _).ShouldBeFalse();
        Uuids.TryRead(new UUID(), out _).ShouldBeFalse();
        Uuids.TryRead(new UUID { String = "1234" }, out _).ShouldBeFalse();
    }
}
