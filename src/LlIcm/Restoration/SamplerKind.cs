namespace LlIcm.Restoration;

/// <summary>Ways from the noisy state back to a picture.</summary>
public enum SamplerKind
{
    /// <summary>The posterior of the previous state given the predicted clean picture; the published default.</summary>
    Posterior,

    /// <summary>Euler–Maruyama steps of the reverse SDE.</summary>
    Sde,

    /// <summary>Euler steps of the probability-flow ODE.</summary>
    Ode,

    /// <summary>The fast multistep solver of the probability-flow ODE; a few steps are enough.</summary>
    Mars,

    /// <summary>The fast multistep solver of the reverse SDE.</summary>
    MarsSde,
}
