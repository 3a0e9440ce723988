namespace LlIcm.Training.Joint;

/// <summary>What the restorer's output is compared with in training.</summary>
public enum RestorationObjective
{
    /// <summary>
    /// The reverse step's mean under the prediction with the optimum step, as IR-SDE is trained (arXiv 2301.11699). Steps near
    /// the clean picture move little and therefore count little.
    /// </summary>
    Matching,

    /// <summary>The output itself with its target, clean picture or noise: every time counts alike.</summary>
    Prediction,
}
