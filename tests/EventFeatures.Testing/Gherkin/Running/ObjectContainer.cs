using System.Reflection;

namespace EventFeatures.Testing.Gherkin.Running;

/// <summary>
/// Context injection: makes the objects that bindings ask for in their constructors, one of each type, and disposes
/// of them at the end. What the outer container was given by hand is seen inside.
/// </summary>
internal sealed class ObjectContainer(ObjectContainer? outer = null) : IAsyncDisposable
{
    private readonly Dictionary<Type, object> _given = [];
    private readonly Dictionary<Type, object> _made = [];
    private readonly Stack<object> _toDispose = new();
    private readonly Stack<Type> _making = new();

    public void Give<T>(T instance) where T : notnull => _given[typeof(T)] = instance;

    public T Resolve<T>() => (T)Resolve(typeof(T));

    public object Resolve(Type type)
    {
        if (Given(type) is { } given) return given;
        if (_made.TryGetValue(type, out var made)) return made;
        if (_making.Contains(type))
            throw new InvalidOperationException($"{string.Join(" needs ", _making.Reverse().Append(type).Select(step => step.Name))}: the circle cannot be made. Take one constructor parameter out.");
        _making.Push(type);
        try
        {
            made = Make(type);
        }
        finally
        {
            _making.Pop();
        }
        _made[type] = made;
        _toDispose.Push(made);
        return made;
    }

    public object?[] Arguments(MethodBase method) => [.. method.GetParameters().Select(parameter => Resolve(parameter.ParameterType))];

    public async ValueTask DisposeAsync()
    {
        List<Exception> failures = [];
        while (_toDispose.TryPop(out var made))
        {
            try
            {
                if (made is IAsyncDisposable later) await later.DisposeAsync();
                else if (made is IDisposable now) now.Dispose();
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }
        if (failures.Count > 0) throw new AggregateException("Disposing of the scenario's objects failed.", failures);
    }

    private object? Given(Type type) => _given.TryGetValue(type, out var given) ? given : outer?.Given(type);

    private object Make(Type type)
    {
        if (type.IsAbstract || type.IsInterface || type.IsPrimitive || type == typeof(string))
            throw new InvalidOperationException($"{type.Name} cannot be injected: only classes with a public constructor can.");
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type.Name} cannot be injected: it has no public constructor.");
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, Arguments(constructor), null);
    }
}
