using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>A model's own restorer.</summary>
/// <param name="model">The model.</param>
/// <param name="options">How; a task in it is told, otherwise it is recognised.</param>
public sealed class ModelRestorer(LlIcmModel model, RestoreOptions options) : IRestorerUnderTest
{
    private readonly PictureRestorer _restorer = new(model);

    private readonly Lazy<string> _weights = new(() => model.HashOfRestorer());

    /// <summary>Whether it is told the task of each picture, whatever the options say.</summary>
    public bool IsTold { get; init; }

    /// <inheritdoc/>
    public string Name => $"LL-ICM {model.Name}" + (IsTold || options.Degradation is not null ? "" : " (task recognised)");

    /// <inheritdoc/>
    public string Settings => $"weights {_weights.Value}, task {(IsTold ? "told" : options.Degradation?.Task() ?? "recognised")}, steps {options.Steps?.ToString(null, null) ?? "as the model has them"}";

    /// <summary>The task that the last picture was taken to need; null where it was taken to be clean, and before the first.</summary>
    public Degradation? Recognised { get; private set; }

    /// <inheritdoc/>
    public bool Serves(Degradation task) => true;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task) => Restore(picture, mask, task, filled: false);

    /// <inheritdoc/>
    public Picture RestoreFilled(Picture picture, Picture? mask, Degradation task) => Restore(picture, mask, task, filled: true);

    private Picture Restore(Picture picture, Picture? mask, Degradation task, bool filled)
    {
        RestoreOptions how = options with { Mask = mask, HolesAreFilled = filled, Degradation = IsTold ? task : options.Degradation };
        RestorationResult result;
        lock (model) result = _restorer.Restore(picture, how);
        Recognised = result.Degradation == Degradation.Clean ? null : result.Degradation;
        return result.Picture;
    }
}
