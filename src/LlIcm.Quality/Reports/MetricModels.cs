using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.Zoo;

namespace LlIcm.Quality;

/// <summary>The networks of some metrics, each loaded once and freed together.</summary>
internal sealed class MetricModels(ModelStore store, MetricOptions options) : IDisposable
{
    private readonly Dictionary<string, IDisposable> _loaded = [];

    /// <summary>A model, loaded at the first call.</summary>
    /// <param name="id">The published model's name.</param>
    /// <param name="load">Loads it from a path.</param>
    /// <exception cref="ModelStoreException">Its weights are missing, damaged or another model's.</exception>
    public T Get<T>(string id, Func<string, T> load)
        where T : IDisposable
    {
        if (_loaded.TryGetValue(id, out IDisposable? known)) return (T)known;
        string path = options.Weights.TryGetValue(id, out string? named) ? named : store.Require(id);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new ModelStoreException($"{path}: no such file ({PublishedModel.Get(id).Purpose})");
        try
        {
            T model = load(path);
            _loaded[id] = model;
            return model;
        }
        catch (Exception error) when (error is QualityException or WeightFormatException or TensorException or IOException
            or UnauthorizedAccessException)
        {
            string message = error.Message.ReplaceLineEndings(" ");
            throw new ModelStoreException(
                message.StartsWith(path, StringComparison.Ordinal) ? message : $"{path}: {message}", error);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable model in _loaded.Values) model.Dispose();
        _loaded.Clear();
    }
}
