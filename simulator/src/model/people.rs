//! Teams, and who does, undoes and fixes a step.

use whimbrel_plan::{Act, CalendarId, Plan, Step};

use super::TeamModel;
use super::figure::Inputs;
use super::time::Clocks;
use crate::SimulationError;
use crate::column::Column;
use crate::philox::Purpose;

pub(super) fn teams(
    plan: &Plan,
    clocks: &mut Clocks<'_>,
    inputs: &mut Inputs<'_>,
) -> Result<Column<TeamModel>, SimulationError> {
    plan.inventory
        .teams
        .values()
        .map(|team| {
            Ok(TeamModel {
                engineers: team.engineers,
                rate_per_hour: inputs.or_zero(
                    team.rate_per_hour.as_ref(),
                    &format!("team/{}", team.name),
                    Purpose::TeamRate,
                ),
                clock: clocks.calendars(team.calendar.into_iter().collect(), &team.name)?,
            })
        })
        .collect()
}

/// (team, people) the act holds, the people of one team together.
pub(super) fn needs(plan: &Plan, step: &Step) -> Result<Vec<(u32, u32)>, SimulationError> {
    let mut needs: Vec<(u32, u32)> = Vec::new();
    for need in &step.needs {
        let team = index(need.team.index());
        match needs.iter_mut().find(|(other, _)| *other == team) {
            Some((_, count)) => *count += need.count,
            None => needs.push((team, need.count)),
        }
    }
    for need in &step.needs {
        let team = &plan.inventory.teams[need.team];
        let needed = needs.iter().find(|(id, _)| *id == index(need.team.index()));
        if let (Some(engineers), Some(&(_, needed))) = (team.engineers, needed)
            && needed > engineers
        {
            return Err(SimulationError::TeamTooSmall {
                step: step.name.clone(),
                team: team.name.clone(),
                needed,
                engineers,
            });
        }
    }
    Ok(needs)
}

/// Whether the step's teams relieve one another: what they pass on is work.
pub(super) fn is_relay(step: &Step) -> bool {
    step.relay && !step.added && matches!(step.act, Act::Working(_)) && !step.needs.is_empty()
}

/// (team, people) of undo and fix: the step's headcount, in a relay that of its first team, default
/// one of its team.
pub(super) fn crew(step: &Step, needs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    if is_relay(step) {
        needs.iter().take(1).copied().collect()
    } else if needs.is_empty() {
        step.team
            .map(|team| (index(team.index()), 1))
            .into_iter()
            .collect()
    } else {
        needs.to_vec()
    }
}

/// The calendars of the teams an elapsed act needs, where the step names none.
pub(super) fn start_calendars(plan: &Plan, step: &Step) -> Vec<CalendarId> {
    if !step.calendars.is_empty() {
        return step.calendars.clone();
    }
    let teams = step
        .needs
        .iter()
        .map(|need| &plan.inventory.teams[need.team]);
    teams.filter_map(|team| team.calendar).collect()
}

pub(super) fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
