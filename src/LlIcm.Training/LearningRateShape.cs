namespace LlIcm.Training;

/// <summary>How the step size goes on after the warm-up.</summary>
public enum LearningRateShape
{
    /// <summary>A plateau, then half a cosine down to a floor.</summary>
    Cosine,

    /// <summary>The same throughout.</summary>
    Constant,

    /// <summary>Multiplied by a factor at given steps (PyTorch's MultiStepLR).</summary>
    Steps,
}
