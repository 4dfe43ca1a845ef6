using EventFeatures.Core.Expressions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Expressions;

public sealed class ExpressionTests
{
    private static readonly ValueShape Address = new(ValueKind.Object)
    {
        Members = new Dictionary<string, ValueShape>
        {
            ["city"] = ValueKind.String,
            ["zip"] = ValueKind.String,
            ["geo"] = new(ValueKind.Object) { Members = new Dictionary<string, ValueShape> { ["lat"] = ValueKind.Number } },
        },
    };

    private static readonly Dictionary<string, (ValueShape Shape, Value Value)> Row = new()
    {
        ["amount"] = (ValueKind.Number, Value.Of(12.5)),
        ["price"] = (ValueKind.Decimal, Value.Of(0.1m)),
        ["count"] = (ValueKind.Integer, Value.Of(7L)),
        ["huge"] = (ValueKind.Integer, Value.Of(long.MaxValue)),
        ["country"] = (ValueKind.String, Value.Of("FR")),
        ["yes"] = (ValueKind.Boolean, Value.Of(true)),
        ["nothing"] = (ValueKind.Number, Value.Null),
        ["unknown"] = (ValueKind.Boolean, Value.Null),
        ["no_text"] = (ValueKind.String, Value.Null),
        ["at"] = (ValueKind.Timestamp, Value.Of(Instant.Parse("2026-01-01T12:00:00Z"))),
        ["due"] = (ValueKind.Date, Value.Of(new DateOnly(2026, 1, 31))),
        ["odd name"] = (ValueKind.Integer, Value.Of(3L)),
        ["tags"] = (ValueKind.Array, Value.Of([Value.Of("a")])),
        ["numbers"] = (ValueShape.ListOf(ValueKind.Integer), Value.Of([Value.Of(4L), Value.Null, Value.Of(6L)])),
        ["by_country"] = (ValueShape.MapOf(ValueKind.Number), Value.Of(new Dictionary<string, Value> { ["FR"] = Value.Of(2.5) })),
        ["address"] = (Address, Value.Of(new Dictionary<string, Value> { ["city"] = Value.Of("Paris"), ["geo"] = Value.Of(new Dictionary<string, Value> { ["lat"] = Value.Of(48.9) }) })),
        ["buyer"] = (ValueKind.Object, Value.Null),
        ["buyer.id"] = (ValueKind.String, Value.Of("b1")),
        ["buyer.address.zip"] = (ValueKind.Integer, Value.Of(75L)),
        ["open"] = (ValueKind.Object, Value.Of(new Dictionary<string, Value> { ["x"] = Value.Of(1L) })),
        ["old"] = (ValueKind.Timestamp, Value.Of(Instant.Parse("1969-12-31T23:59:59.5Z"))),
    };

    [Theory]
    [InlineData("1 + 2 * 3 - 4", "3")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("-count % 4", "-3")]
    [InlineData("huge % -1", "0")]
    [InlineData("- -count", "7")]
    [InlineData("price + price + price", "0.3")]
    [InlineData("price * 3 == 0.3", "true")]
    [InlineData("count / 2", "3.5")]
    [InlineData("price / 3", "0.03333333333333333")]
    [InlineData("count * amount", "87.5")]
    [InlineData("amount + 0.1", "12.6")]
    [InlineData("1e3", "1000")]
    [InlineData("amount / 0", "null")]
    [InlineData("count % 0", "null")]
    [InlineData("price / 0", "null")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    public void Arithmetic_gives(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("amount > 10", "true")]
    [InlineData("amount >= 12.5 and amount <= 12.5", "true")]
    [InlineData("count != 7", "false")]
    [InlineData("country == 'FR' && !(country == 'DE')", "true")]
    [InlineData("country < 'GB'", "true")]
    [InlineData("yes == true", "true")]
    [InlineData("at < '2026-01-01T13:00:00+01:00'", "false")]
    [InlineData("at == '2026-01-01T13:00:00+01:00'", "true")]
    [InlineData("due >= '2026-01-31'", "true")]
    [InlineData("0.0 == -0.0", "true")]
    [InlineData("country in ('DE', 'FR')", "true")]
    [InlineData("country not in ('DE', 'FR')", "false")]
    [InlineData("count in (1, 7.0)", "true")]
    [InlineData("count in (1, null)", "null")]
    [InlineData("count in (7, null)", "true")]
    [InlineData("nothing in (1)", "null")]
    [InlineData("nothing is null", "true")]
    [InlineData("nothing is not null", "false")]
    [InlineData("tags is not null", "true")]
    [InlineData("\"odd name\" == 3", "true")]
    [InlineData("'it''s' == 'it''s'", "true")]
    public void Comparisons_give(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("nothing > 1", "null")]
    [InlineData("nothing + 1", "null")]
    [InlineData("not unknown", "null")]
    [InlineData("unknown and false", "false")]
    [InlineData("false and unknown", "false")]
    [InlineData("unknown and true", "null")]
    [InlineData("unknown or true", "true")]
    [InlineData("unknown or false", "null")]
    [InlineData("yes or huge + 1 > 0", "true")]
    [InlineData("NOT yes OR yes", "true")]
    [InlineData("not yes == false", "true")]
    public void Null_is_unknown(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("abs(-3)", "3")]
    [InlineData("abs(-0.5)", "0.5")]
    [InlineData("min(3, 1.5, 2)", "1.5")]
    [InlineData("max('a', 'b')", "\"b\"")]
    [InlineData("max(1, nothing)", "null")]
    [InlineData("round(2.5)", "3")]
    [InlineData("round(-2.5)", "-3")]
    [InlineData("round(amount * 1.111, 2)", "13.89")]
    [InlineData("floor(-1.5)", "-2")]
    [InlineData("ceil(1.2)", "2")]
    [InlineData("log(1)", "0")]
    [InlineData("log(0)", "null")]
    [InlineData("sqrt(16)", "4")]
    [InlineData("sqrt(-1)", "null")]
    [InlineData("exp(0)", "1")]
    [InlineData("coalesce(nothing, count, 1)", "7")]
    [InlineData("coalesce(null, null)", "null")]
    [InlineData("if(amount > 10, 'big', 'small')", "\"big\"")]
    [InlineData("if(unknown, 1, 2)", "null")]
    [InlineData("if(nothing > 1, 'big', 'small')", "null")]
    [InlineData("if(no_text == 'FR', 1, 2)", "null")]
    [InlineData("if(null, 1, 2)", "null")]
    [InlineData("if(coalesce(unknown, false), 1, 2)", "2")]
    [InlineData("if(nothing is null, 1, 2)", "1")]
    [InlineData("if(yes, 1, nothing)", "1")]
    [InlineData("if(yes, nothing, 1)", "null")]
    [InlineData("IF(yes, 1, 2.5)", "1")]
    [InlineData("lower('ÀB')", "\"àb\"")]
    [InlineData("upper('ß')", "\"ß\"")]
    [InlineData("length('a😀')", "2")]
    [InlineData("length(no_text)", "null")]
    public void Functions_give(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("count between 7 and 8.5", "true")]
    [InlineData("count not between 8 and 9", "true")]
    [InlineData("at between '2026-01-01T00:00:00Z' and '2026-01-02T00:00:00Z'", "true")]
    [InlineData("country between 'A' and 'E'", "false")]
    [InlineData("count between nothing and 5", "false")]
    [InlineData("count between nothing and 9", "null")]
    [InlineData("nothing between 1 and 2", "null")]
    [InlineData("count between 1 and 9 and yes", "true")]
    [InlineData("country like 'F%'", "true")]
    [InlineData("country like '_R'", "true")]
    [InlineData("country like 'f%'", "false")]
    [InlineData("country not like '%X%'", "true")]
    [InlineData("'a😀b' like 'a_b'", "true")]
    [InlineData("'aab' like '%a%ab'", "true")]
    [InlineData("'' like '%'", "true")]
    [InlineData("'' like '_'", "false")]
    [InlineData("no_text like '%'", "null")]
    [InlineData("concat(country, '-', text(count))", "\"FR-7\"")]
    [InlineData("concat(country, no_text)", "null")]
    [InlineData("text(price)", "\"0.1\"")]
    [InlineData("text(at)", "\"2026-01-01T12:00:00Z\"")]
    [InlineData("text(yes)", "\"true\"")]
    [InlineData("substring('a😀bc', 2, 2) == '😀b'", "true")]
    [InlineData("substring('abc', 2)", "\"bc\"")]
    [InlineData("substring('abc', 9)", "\"\"")]
    [InlineData("substring('abc', 0)", "null")]
    [InlineData("substring('abc', 1, -1)", "null")]
    [InlineData("trim('  a ')", "\"a\"")]
    [InlineData("replace('aXbX', 'X', '')", "\"ab\"")]
    [InlineData("replace('ab', '', 'x')", "\"ab\"")]
    [InlineData("starts_with(country, 'F')", "true")]
    [InlineData("ends_with(country, 'F')", "false")]
    [InlineData("contains('abc', 'b')", "true")]
    [InlineData("pow(2, 10)", "1024")]
    [InlineData("pow(-8, 0.5)", "null")]
    [InlineData("pow(0, -1)", "null")]
    public void Text_and_ranges_give(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("hour_of_day(at)", "12")]
    [InlineData("day_of_week(at)", "4")]
    [InlineData("day_of_week(due)", "6")]
    [InlineData("year(at) * 100 + month(at)", "202601")]
    [InlineData("day_of_month(due)", "31")]
    [InlineData("day_of_year(due)", "31")]
    [InlineData("hour_of_day(old)", "23")]
    [InlineData("minute_of_hour(old)", "59")]
    [InlineData("date(old)", "\"1969-12-31\"")]
    [InlineData("epoch_seconds(old)", "-0.5")]
    [InlineData("seconds_between(old, at)", "1767268800.5")]
    [InlineData("seconds_between('2026-01-01T11:00:00Z', at)", "3600")]
    [InlineData("days_between(date(at), due)", "30")]
    [InlineData("days_between(due, '2026-01-01')", "-30")]
    [InlineData("hour_of_day(null)", "null")]
    public void Times_give(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("size(numbers)", "3")]
    [InlineData("size(tags)", "1")]
    [InlineData("size(by_country)", "1")]
    [InlineData("element(numbers, 1)", "4")]
    [InlineData("element(numbers, 2)", "null")]
    [InlineData("element(numbers, -1)", "6")]
    [InlineData("element(numbers, 0)", "null")]
    [InlineData("element(numbers, 4)", "null")]
    [InlineData("element(numbers, -4)", "null")]
    [InlineData("element(by_country, 'FR') * 2", "5")]
    [InlineData("element(by_country, country)", "2.5")]
    [InlineData("element(by_country, 'DE')", "null")]
    [InlineData("by_country.FR", "2.5")]
    [InlineData("contains(numbers, 6)", "true")]
    [InlineData("contains(numbers, 6.0)", "true")]
    [InlineData("contains(numbers, 5)", "null")]
    [InlineData("contains(numbers, nothing)", "null")]
    [InlineData("address.city == 'Paris'", "true")]
    [InlineData("address.geo.lat + 1", "49.9")]
    [InlineData("address.\"zip\" is null", "true")]
    [InlineData("element(coalesce(numbers, numbers), 1)", "4")]
    [InlineData("if(yes, address, null).city", "\"Paris\"")]
    [InlineData("buyer.id", "\"b1\"")]
    [InlineData("buyer.address.zip + 1", "76")]
    public void Lists_and_objects_give(string text, string json) => Run(text).ToString().ShouldBe(json);

    [Theory]
    [InlineData("huge + 1")]
    [InlineData("huge * 2")]
    [InlineData("-huge - 2")]
    [InlineData("abs(-huge - 1)")]
    [InlineData("1e308 * (amount * 10)")]
    [InlineData("exp(amount * 100)")]
    [InlineData("79228162514264337593543950335 + price * 10")]
    public void An_overflow_is_an_error_and_never_wraps(string text) =>
        Should.Throw<ExpressionOverflowException>(() => Run(text)).Message.ShouldContain(text);

    [Theory]
    [InlineData("amout > 1", 1, "Did you mean 'amount'?")]
    [InlineData("1 + sqr(2)", 5, "Did you mean 'sqrt'?")]
    [InlineData("amount > 'x'", 8, "cannot compare number with string")]
    [InlineData("country + 1", 9, "needs numbers")]
    [InlineData("amount and yes", 1, "needs a condition")]
    [InlineData("amount == null", 8, "is null")]
    [InlineData("country = 'FR'", 9, "'=='")]
    [InlineData("(amount", 8, "')'")]
    [InlineData("amount +", 9, "a value")]
    [InlineData("amount 5", 8, "the end or an operator")]
    [InlineData("'open", 1, "never closed")]
    [InlineData("at > 'noon'", 6, "no timestamp")]
    [InlineData("if(yes, 1)", 1, "takes 3 argument(s) and has 2")]
    [InlineData("if(yes, 1, 'a')", 12, "cannot choose between integer and string")]
    [InlineData("round(amount, count)", 15, "written out")]
    [InlineData("tags == tags", 6, "cannot compare array")]
    [InlineData("yes < yes", 5, "does not order booleans")]
    [InlineData("1.5x", 4, "cannot follow a number")]
    [InlineData("1e", 3, "no digits")]
    [InlineData("1e999", 1, "beyond the largest number")]
    [InlineData("amount @ 2", 8, "no meaning")]
    [InlineData("  ", 1, "empty")]
    [InlineData("amount is 5", 11, "'null' or 'not null'")]
    [InlineData("country in ()", 9, "no options")]
    [InlineData("count between 1 or 2", 17, "'and'")]
    [InlineData("yes between yes and yes", 5, "does not order booleans")]
    [InlineData("count between 'a' and 2", 15, "cannot compare integer with string")]
    [InlineData("country like country", 14, "a pattern in quotes")]
    [InlineData("count like '7'", 1, "needs a string")]
    [InlineData("concat(country, count)", 17, "text() makes one")]
    [InlineData("hour_of_day(due)", 13, "needs a timestamp")]
    [InlineData("element(tags, 1)", 9, "no declared type")]
    [InlineData("element(numbers, 'a')", 18, "a whole number")]
    [InlineData("size(country)", 6, "length() is for strings")]
    [InlineData("address.cty", 8, "Did you mean 'city'?")]
    [InlineData("country.x", 8, "needs an object")]
    [InlineData("open.x", 5, "not declared")]
    [InlineData("address.", 9, "a member's name")]
    public void A_wrong_expression_says_what_and_where(string text, int column, string message)
    {
        var thrown = Should.Throw<ExpressionException>(() => Compile(text));
        thrown.Message.ShouldContain(message);
        thrown.Column.ShouldBe(column);
    }

    [Fact]
    public void Nesting_and_length_are_bounded()
    {
        Should.Throw<ExpressionException>(() => Compile(new string('(', 65) + "1" + new string(')', 65))).Message.ShouldContain("64 deep");
        Should.Throw<ExpressionException>(() => Compile("1" + string.Concat(Enumerable.Repeat("+1", 1_000)))).Message.ShouldContain("2000");
        Run("1" + string.Concat(Enumerable.Repeat("+1", 999))).ShouldBe(Value.Of(1_000L));
        Should.Throw<ExpressionException>(() => Compile(new string('-', 65) + "1"));
    }

    [Fact]
    public void An_expression_names_the_fields_it_reads_and_can_be_bound_to_any_layout()
    {
        var compiled = Compile("amount * count > amount");
        compiled.Fields.ShouldBe(["amount", "count"]);
        compiled.Kind.ShouldBe(ValueKind.Boolean);
        compiled.Evaluate([Value.Of(2.0), Value.Of(3L)]).ShouldBe(Value.Of(true));
        compiled.Bind(["count", "x", "amount"]).Evaluate([Value.Of(0L), Value.Null, Value.Of(2.0)]).ShouldBe(Value.Of(false));
        Should.Throw<ArgumentException>(() => compiled.Bind(["amount"]));
    }

    [Fact]
    public void A_dotted_name_is_the_field_of_that_name_before_it_is_a_member()
    {
        Compile("buyer.id").IsField.ShouldBeTrue();
        Compile("buyer.id == 'b1' and count > 0").Fields.ShouldBe(["buyer.id", "count"]);
        Compile("address.city").IsField.ShouldBeFalse();
        Compile("address.city").Fields.ShouldBe(["address"]);
        ExpressionNames.In("buyer.id == address.geo.lat").ShouldBe(["buyer.id", "buyer", "address.geo.lat", "address.geo", "address"]);
    }

    private static CompiledExpression Compile(string text) => Expression.Compile(text, Row.ToDictionary(field => field.Key, field => field.Value.Shape));

    private static Value Run(string text)
    {
        var compiled = Compile(text);
        var value = compiled.Evaluate([.. compiled.Fields.Select(field => Row[field].Value)]);
        if (!value.IsNull) value.Kind.ShouldBe(compiled.Kind);
        return value;
    }
}
