using System.Collections;
using System.Globalization;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>Children named "0", "1", … without a forward of their own.</summary>
internal sealed class ModuleList<T> : Module, IReadOnlyList<T> where T : Module
{
    private readonly List<T> _modules = [];

    public int Count => _modules.Count;

    public T this[int index] => _modules[index];

    public T Add(T module)
    {
        _modules.Add(Child(_modules.Count.ToString(CultureInfo.InvariantCulture), module));
        return module;
    }

    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
