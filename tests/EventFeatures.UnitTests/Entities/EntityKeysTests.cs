using EventFeatures.Core.Entities;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Entities;

public sealed class EntityKeysTests
{
    private static readonly Entity Pair = Shops.EntityOf("card", ("card", ValueKind.String), ("shop", ValueKind.String));

    [Theory]
    [InlineData("1", "s", "1\u001fs")]
    [InlineData("1", null, null)]
    [InlineData("1", "", null)]
    [InlineData("1", "s\u001ft", null)]
    [InlineData("1\u001fs", null, "1\u001fs")]
    [InlineData("1\u001fs", "t", "1\u001fs")]
    [InlineData("1\u001fs\u001ft", "t", null)]
    public void A_composite_key_is_found_by_its_parts_or_whole_even_where_a_part_is_named_like_the_entity(string card, string? shop, string? key)
    {
        var given = new Dictionary<string, string> { ["card"] = card };
        if (shop is not null) given["shop"] = shop;
        EntityKeys.Find(Pair, given).ShouldBe(key);
    }

    [Fact]
    public void A_key_of_one_part_is_found_under_the_entitys_name_or_the_parts()
    {
        var entity = Shops.EntityOf("card", ("number", ValueKind.String));
        EntityKeys.Find(entity, new Dictionary<string, string> { ["card"] = "7" }).ShouldBe("7");
        EntityKeys.Find(entity, new Dictionary<string, string> { ["number"] = "7" }).ShouldBe("7");
        EntityKeys.Find(entity, new Dictionary<string, string> { ["shop"] = "7" }).ShouldBeNull();
    }

    [Fact]
    public void A_key_is_shown_with_commas() => EntityKeys.ToText("1\u001fs").ShouldBe("1, s");
}
