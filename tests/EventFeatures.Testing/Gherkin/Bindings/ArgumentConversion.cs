using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>Turns what a step holds into what its binding takes: transformations first, then the built-in types.</summary>
internal sealed class ArgumentConversion(IEnumerable<MethodInfo> methods)
{
    private readonly List<Transformation> _transformations =
        [.. methods.SelectMany(method => method.GetCustomAttributes<StepArgumentTransformationAttribute>().Select(attribute => new Transformation(attribute, method)))];

    /// <summary>The parameter types that a cucumber expression of this method may name besides the built-in ones.</summary>
    public IReadOnlyDictionary<string, string> ParameterTypes(MethodInfo method)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in method.GetParameters().Where(parameter => parameter.ParameterType.IsEnum))
            types[parameter.ParameterType.Name] = "(?:.*)";
        foreach (var named in _transformations.GroupBy(transformation => transformation.Name))
            types[named.Key] = string.Join('|', named.Select(transformation => transformation.InnerPattern));
        return types;
    }

    /// <summary>The arguments for a step's binding, in order.</summary>
    /// <param name="bound">The step.</param>
    /// <param name="instance">Makes the object on which a transformation's method is called.</param>
    /// <exception cref="BindingInvalidException">The binding takes more or fewer arguments than the step holds.</exception>
    public object?[] Arguments(BoundStep bound, Func<Type, object> instance)
    {
        var info = bound.Step.Info;
        List<object> given = [.. bound.Captured];
        if (info.Table is not null) given.Add(info.Table);
        if (info.MultilineText is not null) given.Add(info.MultilineText);
        var parameters = bound.Binding.Method.GetParameters();
        if (parameters.Length != given.Count)
            throw new BindingInvalidException($"{bound.Binding} takes {parameters.Length} arguments but the step holds {given.Count}. Make them equal.");
        return [.. parameters.Zip(given, (parameter, value) => Convert(parameter.ParameterType, value, instance))];
    }

    private object? Convert(Type type, object value, Func<Type, object> instance)
    {
        foreach (var transformation in _transformations.Where(candidate => candidate.Returns == type))
            if (transformation.Accepts(value) is { } captured)
                return transformation.Invoke([.. transformation.Takes.Zip(captured, (wanted, text) =>
                    wanted == type ? TextConversion.To(wanted, (string)text) : Convert(wanted, text, instance))], instance);
        if (type.IsInstanceOfType(value)) return value;
        return value is string plain
            ? TextConversion.To(type, plain)
            : throw new BindingInvalidException($"A table cannot be made a {type.Name}. Take a DataTable, or write a [StepArgumentTransformation] from it.");
    }

    private sealed class Transformation(StepArgumentTransformationAttribute attribute, MethodInfo method)
    {
        private readonly Regex? _regex = attribute.Regex is null ? null : new Regex($@"\A(?:{attribute.Regex})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

        public Type Returns => method.ReturnType;

        public Type[] Takes { get; } = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];

        public string Name => attribute.Name ?? method.ReturnType.Name;

        // A group that captured here would shift the groups of the whole step.
        public string InnerPattern => attribute.Regex is null ? ".*" : Regex.Replace(attribute.Regex, @"(?<!\\)\((?!\?)", "(?:");

        /// <summary>The transformation's arguments, or <see langword="null"/> when it is not for this value.</summary>
        public IReadOnlyList<object>? Accepts(object value)
        {
            if (value is DataTable) return Takes is [var table] && table == typeof(DataTable) ? [value] : null;
            if (Takes.Contains(typeof(DataTable))) return null;
            if (_regex is null) return Takes.Length == 1 ? [value] : null;
            var match = _regex.Match((string)value);
            if (!match.Success) return null;
            IReadOnlyList<object> groups = [.. match.Groups.Values.Skip(1).Select(group => group.Value)];
            return groups.Count == 0 ? [value] : groups.Count == Takes.Length ? groups : null;
        }

        public object? Invoke(object?[] arguments, Func<Type, object> instance)
        {
            try
            {
                return method.Invoke(method.IsStatic ? null : instance(method.DeclaringType!), arguments);
            }
            catch (TargetInvocationException thrown)
            {
                ExceptionDispatchInfo.Throw(thrown.InnerException!);
                throw;
            }
        }
    }
}
