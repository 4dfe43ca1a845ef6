using System.Globalization;
using System.Text.RegularExpressions;
using EventFeatures.Core.Definitions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>Types a scalar by YAML 1.2's core schema, in which <c>NO</c> and <c>on</c> are texts.</summary>
internal static partial class YamlScalar
{
    public static ScalarNode Read(string file, Scalar scalar, IssueList issues)
    {
        var (type, text) = scalar.Tag.IsEmpty
            ? scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value) : (ScalarType.String, scalar.Value)
            : Tagged(file, scalar, issues);
        return new ScalarNode(type, text, (int)scalar.Start.Line, (int)scalar.Start.Column);
    }

    private static (ScalarType, string) Tagged(string file, Scalar scalar, IssueList issues)
    {
        if (scalar.Tag.IsNonSpecific || scalar.Tag.Value == "tag:yaml.org,2002:str") return (ScalarType.String, scalar.Value);
        issues.Add(new DefinitionIssue("yaml-tag-unsupported", $"The tag {scalar.Tag.Value} is not supported. Leave it out; types follow from what is written, and quotes make a text.")
        {
            File = file,
            Line = (int)scalar.Start.Line,
        });
        return (ScalarType.String, scalar.Value);
    }

    private static (ScalarType, string) Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => (ScalarType.Null, "null"),
        "true" or "True" or "TRUE" => (ScalarType.Boolean, "true"),
        "false" or "False" or "FALSE" => (ScalarType.Boolean, "false"),
        _ when Based(text) is { } number => (ScalarType.Number, number),
        _ when NumberPattern().IsMatch(text) && Decimal(text) is { } number => (ScalarType.Number, number),
        _ => (ScalarType.String, text),
    };

    private static string? Based(string text)
    {
        if (text.Length is < 3 or > 17 || text[0] != '0' || text[1] is not ('x' or 'o')) return null;
        var number = 0L;
        foreach (var digit in text.AsSpan(2))
        {
            var radix = text[1] == 'x' ? 16 : 8;
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (value >= radix) return null;
            number = checked(number * radix + value);
        }
        return number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>YAML's number as JSON's: no plus, no leading zeros, a digit on either side of the point.</summary>
    private static string? Decimal(string text)
    {
        var negative = text[0] == '-';
        var exponentAt = text.IndexOfAny(['e', 'E']);
        var exponent = exponentAt < 0 ? "" : "e" + text[(exponentAt + 1)..].TrimStart('+');
        var mantissa = (exponentAt < 0 ? text : text[..exponentAt]).TrimStart('+', '-');
        var parts = mantissa.Split('.');
        var whole = parts[0].TrimStart('0');
        if (whole.Length == 0) whole = "0";
        var fraction = parts.Length > 1 && parts[1].Length > 0 ? "." + parts[1] : "";
        var number = (negative ? "-" : "") + whole + fraction + exponent;
        return double.IsFinite(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)) ? number : null;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex NumberPattern();
}
