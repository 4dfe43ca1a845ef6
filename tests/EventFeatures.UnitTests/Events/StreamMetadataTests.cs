using System.Text;
using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class StreamMetadataTests
{
    [Fact]
    public void What_is_written_reads_back_whole()
    {
        var json = """{"$maxAge":60,"$maxCount":5,"$tb":9223372036854775807,"$cacheControl":10,"$acl":{"$r":["a","b"]},"note":null,"größe":[1,2.5]}""";

        Encoding.UTF8.GetString(Parse(Encoding.UTF8.GetString(Parse(json).ToJson())).ToJson()).ShouldBe(Encoding.UTF8.GetString(Parse(json).ToJson()));

        Parse(json).TruncateBefore.ShouldBe(StreamMetadata.DeletedStream);
        Parse(json).MaxAge.ShouldBe(TimeSpan.FromMinutes(1));
        Parse(json).Custom.Keys.ShouldBe(["note", "größe"]);
    }

    [Fact]
    public void Nothing_is_an_empty_object() => Encoding.UTF8.GetString(StreamMetadata.None.ToJson()).ShouldBe("{}");

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("null", "not a JSON object")]
    [InlineData("""{"$maxCount":0}""", "$maxCount = 0")]
    [InlineData("""{"$maxCount":1.5}""", "$maxCount = 1.5")]
    [InlineData("""{"$maxAge":"1h"}""", "$maxAge = \"1h\"")]
    [InlineData("""{"$tb":-1}""", "$tb = -1")]
    [InlineData("""{"$tb":null}""", "$tb = null")]
    [InlineData("""{"a":1,"a":2}""", "no JSON")]
    public void What_cannot_be_understood_is_named(string json, string message) =>
        Should.Throw<FormatException>(() => Parse(json)).Message.ShouldContain(message);

    [Fact]
    public void Bounds_out_of_range_are_not_written()
    {
        Should.Throw<ArgumentException>(() => new StreamMetadata { MaxCount = 0 }.ToJson()).Message.ShouldContain("MaxCount = 0");
        Should.Throw<ArgumentException>(() => new StreamMetadata { MaxAge = TimeSpan.FromMilliseconds(1500) }.ToJson()).Message.ShouldContain("whole seconds");
        Should.Throw<ArgumentException>(() => new StreamMetadata { TruncateBefore = -1 }.ToJson()).Message.ShouldContain("0 or more");
    }

    private static StreamMetadata Parse(string json) => StreamMetadata.Parse(Encoding.UTF8.GetBytes(json));
}
